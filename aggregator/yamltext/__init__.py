"""YAML text with the place of everything in it; the only user of ruamel.yaml."""

from aggregator.yamltext.document import YamlDocument, load
from aggregator.yamltext.errors import YamlError

__all__ = ["YamlDocument", "YamlError", "load"]
