// grammar.mjs EXTENSION WORDS: the grammar of an extension for VS Code gives each word its scope. Its patterns are also
// regular expressions of JavaScript's; where several match, the one that begins first has its text, and then the one
// that stands first.
import { readFileSync, existsSync } from "node:fs";
import { join } from "node:path";

const [folder, words] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const manifest = read("package.json").contributes;
const grammar = read(manifest.grammars[0].path);
let failed = !existsSync(join(folder, manifest.languages[0].configuration));
read(manifest.languages[0].configuration);
if (grammar.scopeName !== manifest.grammars[0].scopeName) failed = true;
const patterns = grammar.patterns.map(({ name, match }) => ({ name, match: new RegExp(match, "g") }));

function scopeAt(line, place) {
  for (let at = 0; at < line.length; ) {
    let best = null;
    for (const { name, match } of patterns) {
      match.lastIndex = at;
      const found = match.exec(line);
      if (found && found[0] && (!best || found.index < best.index)) best = { name, index: found.index, end: match.lastIndex };
    }
    if (!best || best.index > place) return "-";
    if (best.end > place) return best.name;
    at = best.end;
  }
  return "-";
}

for (const entry of readFileSync(words, "utf8").trimEnd().split("\n")) {
  const [kind, scope, word, line] = entry.split("\t");
  const place = kind === "String" ? line.indexOf(word) : line.lastIndexOf(word);
  const found = scopeAt(line, place);
  if (found !== scope) {
    console.error(`${word} in \`${line}\` is ${found}, not ${scope}`);
    failed = true;
  }
}
process.exit(failed ? 1 : 0);
