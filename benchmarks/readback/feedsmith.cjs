// Prints, for each document named, what feedsmith reads in it, as one line of JSON.
// node feedsmith.cjs FOLDER FILE…; FOLDER is where npm installed feedsmith.
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const [folder, ...files] = process.argv.slice(2);
const { parseFeed } = createRequire(folder + "/")("feedsmith");
for (const file of files) {
  console.log(JSON.stringify(parseFeed(readFileSync(file, "utf8"))));
}
