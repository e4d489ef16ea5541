import assert from 'node:assert/strict';
import { test } from 'node:test';

import { collectState, fieldsOf, list, messagesOf } from '../../botkube/web/static/pointers.js';

const body = {
  sections: [
    {},
    {
      selects: { id: 'block', items: [{ command: 'verb', initialOption: { name: 'Get', value: 'get' } }, { command: 'resource' }] },
      multiSelect: { command: 'many', initialOptions: [{ name: 'A', value: 'a' }] },
      plaintextInputs: [{ command: 'filter' }],
    },
  ],
  plaintextInputs: [{ command: 'top' }],
  messages: [{ sections: [{ selects: { items: [{ command: 'extra' }] }, plaintextInputs: null }] }],
};

/** Follows an RFC 6901 pointer. */
function at(pointer) {
  return pointer.split('/').slice(1).reduce((node, key) => node[key], body);
}

test('every field has a pointer that leads to it', () => {
  const fields = fieldsOf(body);
  assert.deepEqual(fields.map(({ pointer }) => pointer), [
    '/sections/1/selects/items/0', '/sections/1/selects/items/1', '/sections/1/multiSelect', '/sections/1/plaintextInputs/0',
    '/plaintextInputs/0', '/messages/0/sections/0/selects/items/0',
  ]);
  for (const { pointer, action } of fields) assert.equal(at(pointer).command, action);
});

test('the state holds initial values, what was chosen since, and nothing empty', () => {
  const values = new Map([['/sections/1/selects/items/1', 'pods'], ['/sections/1/multiSelect', ['a', 'b']], ['/plaintextInputs/0', '']]);
  assert.deepEqual(collectState(body, values), { block: { verb: 'get', resource: 'pods' }, many: { many: ['a', 'b'] } });
});

test('a select block without an id goes by its command', () => {
  assert.deepEqual(collectState(body, new Map([['/messages/0/sections/0/selects/items/0', 'x']])).extra, { extra: 'x' });
});

test('a message without elements has no state', () => {
  assert.deepEqual(collectState({ baseBody: {}, sections: [{ multiSelect: { description: {} }, selects: {} }] }, new Map()), {});
});

test('extra messages are addressed below the first', () => {
  assert.deepEqual(messagesOf(body).map(({ prefix }) => prefix), ['', '/messages/0']);
});

test('null where a list belongs is no list', () => {
  assert.deepEqual([list(null), list(undefined), list({}), list([null, 1])], [[], [], [], [1]]);
});
