import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseInline, safeHref, splitBlocks } from '../../botkube/web/static/markdown.js';

/** Tokens in a short notation. */
function read(text) {
  return parseInline(text).map(note).join('');
}

function note(token) {
  if ('children' in token) return `<${token.kind}>${token.children.map(note).join('')}</>`;
  if (token.kind === 'link') return `[${token.text}](${token.href})`;
  return token.kind === 'text' ? token.text : `{${token.kind} ${token.text}}`;
}

const cases = [
  ['plain text', 'plain text'],
  ['a `code *x*` b', 'a {code code *x*} b'],
  ['*bold* and **bold**', '<bold>bold</> and <bold>bold</>'],
  ['_italic_ ~gone~', '<italic>italic</> <strike>gone</>'],
  ['_*<cricket sounds>*_ :cricket:', '<italic><bold><cricket sounds></></> {emoji 🦗}'],
  ['foo_bar_baz 2*3*4 * a * b', 'foo_bar_baz 2*3*4 * a * b'],
  ['an unknown :name: and 12:30:45', 'an unknown :name: and 12:30:45'],
  ['My watch begins :crossed_swords:', 'My watch begins {emoji ⚔️}'],
  ['see https://a.example/x_y_z?q=1#f.', 'see [https://a.example/x_y_z?q=1#f](https://a.example/x_y_z?q=1#f).'],
  ['(https://a.example/p)', '([https://a.example/p](https://a.example/p))'],
  ['<https://a.example|the docs>', '[the docs](https://a.example/)'],
  ['[the docs](https://a.example/d)', '[the docs](https://a.example/d)'],
  ['[click](javascript:alert(1))', '[click](javascript:alert(1))'],
  ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ['@Botkube ping, {{BotName}} help', '{mention @Botkube} ping, {mention @Botkube} help'],
  ['mail me@botkube.example', 'mail me@botkube.example'],
  ['`unclosed and *unclosed', '`unclosed and *unclosed'],
  ['', ''],
];

for (const [text, expected] of cases) {
  test(`inline markup: ${JSON.stringify(text)}`, () => assert.equal(read(text), expected));
}

test('no text is lost or invented around tokens', () => {
  const flat = (tokens) => tokens.map((token) => ('children' in token ? flat(token.children) : token.text)).join('');
  assert.equal(flat(parseInline('a *b* c `d` e https://x.example f')), 'a b c d e https://x.example f');
});

test('hostile input is read in reasonable time', () => {
  const start = performance.now();
  for (const piece of ['*a _b ~c ', '[', '`', '<https://x', ':a', '_*', '**', '(((https://a']) parseInline(piece.repeat(20_000));
  assert.ok(performance.now() - start < 5_000);
});

test('fences split a text into blocks', () => {
  assert.deepEqual(splitBlocks('before\n```yaml\na: 1\n```\nafter'), [
    { kind: 'text', text: 'before' }, { kind: 'code', text: 'a: 1' }, { kind: 'text', text: 'after' },
  ]);
  assert.deepEqual(splitBlocks('an ``` open fence'), [{ kind: 'text', text: 'an ``` open fence' }]);
  assert.deepEqual(splitBlocks(''), []);
});

test('only harmless addresses become links', () => {
  assert.equal(safeHref('https://a.example/x'), 'https://a.example/x');
  assert.equal(safeHref('/files/1', 'http://127.0.0.1:2110/'), 'http://127.0.0.1:2110/files/1');
  for (const url of ['javascript:alert(1)', ' JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'no address', '']) {
    assert.equal(safeHref(url), null, url);
  }
});
