import assert from 'node:assert/strict';
import { test } from 'node:test';

import { rowsOf, sameRow, sentTexts } from '../../botkube/web/static/rows.js';
import { initialState } from '../../botkube/web/static/store.js';
import { applyLive, applyPage, newChannel } from '../../botkube/web/static/timeline.js';
import { post, typing } from './frames.mjs';

const state = initialState({ user: 'you' });
const channelOf = (...frames) => applyPage(newChannel({ name: 'general' }), frames, { edge: 'newest' });
const minute = (n) => new Date(Date.UTC(2026, 0, 5, 12, n)).toISOString();

test('an author is named once per group, and again after a pause', () => {
  const rows = rowsOf(channelOf(post(1, { at: minute(0) }), post(2, { at: minute(1) }), post(3, { at: minute(9) }),
    post(4, { at: minute(9), author: 'bob' })), state);
  assert.deepEqual(rows.map(({ isFirst }) => isFirst), [true, false, true, true]);
});

test('each day is announced once', () => {
  const rows = rowsOf(channelOf(post(1, { at: minute(0) }), post(2, { at: minute(1) }), post(3, { at: minute(60 * 48) })), state);
  assert.deepEqual(rows.map(({ day }) => day !== ''), [true, false, true]);
});

test('an answer quotes its command without the mention', () => {
  const rows = rowsOf(channelOf(post(1, { body: { baseBody: { plaintext: '@Botkube echo hello' } } }),
    post(2, { author: 'Botkube', body: { reply_to: 'm1' } }), post(3, { author: 'Botkube', body: { reply_to: 'gone' } })), state);
  assert.deepEqual(rows.map(({ answersText }) => answersText), ['', 'echo hello', 'an earlier message']);
});

test('only the row that changed differs', () => {
  const channel = channelOf(post(1), post(2));
  const before = rowsOf(channel, state);
  const now = rowsOf(applyLive(channel, typing(2, 'm2')), state);
  assert.deepEqual(now.map((row, i) => sameRow(row, before[i])), [true, false]);
});

test('sent texts come newest first, repeats once', () => {
  const said = (seq, text, author = 'you') => post(seq, { author, body: { baseBody: { plaintext: text } } });
  assert.deepEqual(sentTexts(channelOf(said(1, 'a'), said(2, 'b'), said(3, 'b'), said(4, 'c', 'bob')), 'you'), ['b', 'a']);
  assert.deepEqual(sentTexts(undefined, 'you'), []);
});
