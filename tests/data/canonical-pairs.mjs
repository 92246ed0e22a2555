// Writes canonical-pairs.json: texts of JSON, and what JavaScript prints for them.
//
//     node tests/data/canonical-pairs.mjs
//
// Halves of surrogate pairs are left out: the crate reads them as U+FFFD, where JavaScript keeps and escapes them.
import { writeFileSync } from 'node:fs';

let state = 20220530n;
function next() {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let mixed = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return mixed ^ (mixed >> 31n);
}
const below = (bound) => Number(next() % BigInt(bound));
const digits = (count) => Array.from({ length: count }, () => below(10)).join('');

const texts = [
    '{}', '[]', 'null', 'true', '""', ' [ 1 , 2 ] ', '{"b":1.0,"10":1e21,"9":"\u0110\\u0001"}',
    '{"4294967294":1,"4294967295":2,"00":3,"-1":4,"1.5":5,"a":6,"0":7}', '{"a":1,"b":2,"a":3}', '{"1":1,"0":2,"1":3}',
    '{"__proto__":1,"constructor":2,"toString":{"__proto__":[]}}', '{"":"","\\u0000":"\\u0000"}',
    '"\\u2028\\u2029\\u007f\\u0080\\/\\b\\f\\n\\r\\t\\"\\\\"', '"\ud83d\ude00\\ud83d\\ude00\\ufeff\\uffff"',
    '-0', '0.0', '-0.0', '1e400', '-1e400', '1e-400', '5e-324', '2.5e-324', '2.4703282292062327e-324', '1.7976931348623157e308',
    '1.7976931348623159e308', '9007199254740991', '9007199254740992', '9007199254740993', '18446744073709551615',
    '18446744073709551616', '-9223372036854775808', '-9223372036854775809', '1e21', '999999999999999900000', '1e-6', '1e-7',
    '0.000001', '0.0000001', '123456789012345680000', '1234567890123456789012', '1.00', '100e-2', '1E2', '1e+2',
    '0.1', '0.30000000000000004', '4.35', '2.2250738585072011e-308', '2.2250738585072014e-308',
];
const view = new DataView(new ArrayBuffer(8));
while (texts.length < 600) {
    view.setBigUint64(0, next());
    const float = view.getFloat64(0);
    if (Number.isFinite(float)) texts.push(String(float), float.toExponential(below(21)));
    texts.push(`${below(2) ? '-' : ''}${1 + below(9)}${digits(below(25))}.${digits(1 + below(25))}`);
    texts.push(`${1 + below(9)}${digits(below(30))}`, `${below(10)}.${digits(1 + below(18))}e${below(2) ? '-' : ''}${below(330)}`);
}
const letters = ['a', '"', '\\', '\u0001', '\u001f', ' ', '\u00e9', '\u0110', '\u2028', '\ud83d\ude00', '/', '7', '\u007f'];
const word = () => Array.from({ length: below(6) }, () => letters[below(letters.length)]).join('');
const index = () => (below(3) ? word() : String(below(5) ? below(30) : 4294967290 + below(10)));
function value(depth) {
    switch (below(depth > 3 ? 4 : 6)) {
        case 0: return JSON.stringify(word());
        case 1: return texts[50 + below(500)];
        case 2: return ['null', 'true', 'false', '0'][below(4)];
        case 3: return String(below(1000) - 500);
        case 4: return `[${Array.from({ length: below(4) }, () => value(depth + 1)).join(' ,')}]`;
        default: return `{${Array.from({ length: below(6) }, () => `${JSON.stringify(index())}: ${value(depth + 1)}`).join(',')}}`;
    }
}
while (texts.length < 1200) texts.push(value(0));

const pairs = [...new Set(texts)].map((text) => [text, JSON.stringify(JSON.parse(text))]);
const file = new URL('canonical-pairs.json', import.meta.url);
writeFileSync(file, `[\n${pairs.map((pair) => JSON.stringify(pair)).join(',\n')}\n]\n`);
console.log(`${pairs.length} pairs`);
