import assert from 'node:assert/strict';
import { test } from 'node:test';

import { applyLive, applyPage, newChannel, startOver, WINDOW } from '../../botkube/web/static/timeline.js';
import { post, posts, removal, typing, update } from './frames.mjs';

const ids = (channel) => channel.messages.map(({ id }) => id);
const seqs = (channel) => channel.messages.map(({ seq }) => seq);
const live = (channel, ...frames) => frames.reduce(applyLive, channel);
const loaded = (frames = []) => applyPage(newChannel({ name: 'general' }), frames, { edge: 'newest' });
const textOf = (channel, id) => channel.messages.find((message) => message.id === id)?.body.baseBody.plaintext;

test('messages stand in the order of their seq, each once', () => {
  const channel = live(loaded([post(3), post(5)]), post(6), post(5), post(4), post(6));
  assert.deepEqual(ids(channel), ['m3', 'm4', 'm5', 'm6']);
});

test('an update replaces the body in place and an older one changes nothing', () => {
  const channel = live(loaded([post(1), post(2)]), update(4, 'm1'), update(3, 'm1'));
  assert.deepEqual(ids(channel), ['m1', 'm2']);
  assert.equal(textOf(channel, 'm1'), 'edited by 4');
});

test('an update that comes before its message is kept for it', () => {
  const channel = applyPage(live(loaded([post(10)]), update(11, 'm2')), [post(1), post(2)], { edge: 'older' });
  assert.equal(textOf(channel, 'm2'), 'edited by 11');
});

test('a deleted message stays away, also when an old page brings it again', () => {
  const deleted = live(loaded([post(1), post(2)]), removal(3, 'm1'));
  assert.deepEqual(ids(deleted), ['m2']);
  assert.deepEqual(ids(applyPage(deleted, [post(1)], { edge: 'older' })), ['m2']);
});

test('a page that overlaps live frames doubles nothing', () => {
  const loading = { ...newChannel({ name: 'general' }), status: 'loading' };
  const channel = applyPage(live(loading, post(8), post(9)), posts(5, 8), { edge: 'newest' });
  assert.deepEqual(seqs(channel), [5, 6, 7, 8, 9]);
});

test('a channel not opened yet holds no messages', () => {
  assert.deepEqual(seqs(live(newChannel({ name: 'general' }), post(1), post(2))), []);
});

test('a running command is marked until its final answer', () => {
  const started = live(loaded([post(1)]), typing(1, 'm1'));
  assert.deepEqual(Object.keys(started.working), ['m1']);
  const partial = live(started, post(2, { body: { reply_to: 'm1' } }));
  assert.deepEqual(Object.keys(partial.working), ['m1']);
  const done = live(partial, update(3, 'm2', { reply_to: 'm1', outcome: 'ok' }));
  assert.deepEqual(done.working, {});
});

test('a typing frame after the final answer is ignored', () => {
  const channel = live(loaded([post(1)]), post(2, { body: { reply_to: 'm1', outcome: 'failed' } }), typing(2, 'm1'));
  assert.deepEqual(channel.working, {});
});

test('a followed channel drops its oldest messages and can load them again', () => {
  const full = live(loaded(posts(1, WINDOW)), update(WINDOW + 1, 'm1'), ...posts(WINDOW + 2, WINDOW + 60));
  assert.ok(full.messages.length <= WINDOW + 50);
  assert.equal(full.atStart, false);
  assert.equal(full.oldestSeq, full.messages[0].seq);
  const again = applyPage({ ...full, following: false }, posts(1, full.oldestSeq - 1), { edge: 'older' });
  assert.equal(textOf(again, 'm1'), `edited by ${WINDOW + 1}`);
});

test('reading far back detaches the window; what arrives then is counted, and found by going forward', () => {
  const tail = loaded(posts(401, 900));
  const back = applyPage({ ...tail, following: false }, posts(301, 400), { edge: 'older' });
  assert.equal(back.detached, true);
  assert.deepEqual([seqs(back)[0], seqs(back).at(-1)], [301, 800]);
  const counted = live(back, post(901));
  assert.equal(counted.newer, back.newer + 1);
  assert.equal(seqs(counted).at(-1), 800);
  const half = applyPage(counted, posts(801, 900), { edge: 'newer', upTo: 900 });
  assert.equal(half.detached, true);
  const whole = applyPage(half, [post(901)], { edge: 'newer', upTo: 1000 });
  assert.deepEqual([whole.detached, whole.newer, seqs(whole).at(-1)], [false, 0, 901]);
});

test('an empty older page means the beginning', () => {
  const channel = loaded(posts(5, 6));
  assert.equal(channel.atStart, false);
  assert.equal(applyPage(channel, [], { edge: 'older' }).atStart, true);
});

test('starting over forgets the window and refuses pages asked for before', () => {
  const channel = startOver(loaded(posts(1, 3)));
  assert.deepEqual([channel.status, channel.messages.length, channel.epoch], ['new', 0, 1]);
});

test('a frame of an unknown type changes no message', () => {
  const channel = loaded([post(1)]);
  assert.deepEqual(live(channel, { ...post(2), type: 'sparkle' }).messages, channel.messages);
});
