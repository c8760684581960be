// What base.py can join into one module: plain imports, plain exports, no name twice.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

const FOLDER = new URL("../../helpers/widgets/", import.meta.url);
const read = (name) => readFileSync(new URL(name, FOLDER), "utf8");
const scripts = readdirSync(FOLDER).filter((name) => name.endsWith(".js"));
const shared = [...read("base.py").match(/^SHARED = \(([^)]*)\)/m)[1].matchAll(/"(.+?)"/g)].map(([, name]) => name);
const widgets = scripts.filter((name) => !shared.includes(name));

const IMPORT = /^import \{ (\w+(?:, \w+)*) \} from "\.\/(\w+\.js)";$/;
const DECLARED = /^(?:export )?(?:async )?(?:function|const|let|class) (\w+)/gm;
const EXPORTED = /^export (?:async )?(?:function|const|class) (\w+)/gm;
const names = (pattern, text) => [...text.matchAll(pattern)].map(([, name]) => name);

test("there are shared files and widgets", () => {
  assert.ok(shared.includes("core.js") && shared.every((name) => scripts.includes(name)));
  assert.ok(widgets.includes("attention_matrix.js") && widgets.includes("predict.js"));
});

for (const name of scripts) {
  test(`${name}: imports stand on one line, name what exists, and are used`, () => {
    const text = read(name);
    for (const line of text.split("\n").filter((line) => /^\s*import\b/.test(line))) {
      assert.match(line, IMPORT);
      const [, imported, from] = line.match(IMPORT);
      const before = shared.indexOf(name) < 0 ? shared : shared.slice(0, shared.indexOf(name));
      assert.ok(before.includes(from), `${from} is not joined before ${name}`);
      for (const one of imported.split(", ")) {
        assert.ok(names(EXPORTED, read(from)).includes(one), `${from} exports no ${one}`);
        assert.ok(text.match(new RegExp(`\\b${one}\\b`, "g")).length > 1, `${one} is imported and not used`);
      }
    }
    assert.doesNotMatch(text, /\bimport\(/, "nothing is loaded at run time");
  });

  test(`${name}: exports are declarations${shared.includes(name) ? "" : ", and { render }"}`, () => {
    const exports = read(name).split("\n").filter((line) => line.includes("export ") && !line.startsWith("//"));
    const plain = exports.filter((line) => !/^export (async )?(function|const|class) \w/.test(line));
    assert.deepEqual(plain, shared.includes(name) ? [] : ["export default { render };"]);
  });

  test(`${name}: asks for nothing from the network`, () => {
    const addresses = [...read(name).matchAll(/\bhttps?:\/\/[^"'`\s]+/g)].map(([address]) => address);
    assert.deepEqual(addresses.filter((address) => address !== "http://www.w3.org/2000/svg"), []);
    assert.doesNotMatch(read(name), /\b(fetch|XMLHttpRequest|WebSocket|innerHTML|insertAdjacentHTML|eval)\b/);
  });
}

for (const widget of widgets) {
  test(`${widget}: no name is used twice once the files are joined`, () => {
    const all = [...shared, widget].flatMap((name) => names(DECLARED, read(name)));
    assert.deepEqual(all.filter((name, i) => all.indexOf(name) !== i), []);
  });
}
