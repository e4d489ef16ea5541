import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError } from '../../botkube/web/static/api.js';
import { createStore, initialState } from '../../botkube/web/static/store.js';
import { createSync } from '../../botkube/web/static/sync.js';
import { post, posts } from './frames.mjs';

/** A server's history in memory; counts what it is asked. */
class History {
  /** @param {Record<string, object[]>} channels */
  constructor(channels) {
    this.channels = channels;
    this.asked = 0;
    this.failing = '';
    this.listChannels = async () => Object.keys(this.channels).map((name) => ({ name }));
    this.history = async (name, { before = Infinity, limit }) => {
      this.asked += 1;
      if (this.failing) throw new ApiError(503, this.failing);
      return this.channels[name].filter(({ seq }) => seq < before).slice(-limit);
    };
  }
}

function page(channels) {
  const api = new History(channels);
  const store = createStore(initialState({ user: 'you' }));
  const sync = createSync({ api, store, recallRead: () => ({}), prefer: null });
  return { api, store, sync, general: () => store.get().channels.general };
}

test('the stream goes on after the newest frame of all channels', async () => {
  const { sync } = page({ general: posts(1, 3), alerts: [post(7, { channel: 'alerts' })], empty: [] });
  assert.equal(await sync.prepare(), 7);
});

test('opening loads the newest page, scrolling back the older ones until the beginning', async () => {
  const { sync, general } = page({ general: posts(1, 150) });
  await sync.prepare();
  await sync.open('general');
  assert.deepEqual([general().messages.length, general().oldestSeq], [100, 51]);
  await sync.older('general');
  assert.equal(general().messages.length, 150);
  await sync.older('general');
  assert.equal(general().atStart, true);
});

test('two calls at once load a page once', async () => {
  const { api, sync } = page({ general: posts(1, 3) });
  await sync.prepare();
  const before = api.asked;
  await Promise.all([sync.open('general'), sync.open('general')]);
  assert.equal(api.asked, before + 1);
});

test('a window cut at its new end is completed going forward, across other channels\' seqs', async () => {
  const rare = Array.from({ length: 900 }, (_, i) => post(1 + i * 7));
  const { sync, store, general } = page({ general: rare });
  await sync.prepare();
  await sync.open('general');
  store.dispatch({ type: 'following', name: 'general', value: false });
  while (!general().atStart) await sync.older('general');
  assert.equal(general().detached, true);
  assert.equal(general().messages[0].seq, 1);
  for (let i = 0; general().detached && i < 200; i += 1) await sync.newer('general');
  const seqs = general().messages.map(({ seq }) => seq);
  assert.equal(seqs.at(-1), 1 + 899 * 7);
  seqs.slice(1).forEach((seq, i) => assert.equal(seq - seqs[i], 7));
});

test('a failed load says why and a later one succeeds', async () => {
  const { api, sync, general } = page({ general: posts(1, 3) });
  await sync.prepare();
  api.failing = 'no room on the disk';
  await sync.open('general');
  assert.deepEqual([general().status, general().problem], ['new', 'no room on the disk']);
  api.failing = '';
  await sync.open('general');
  assert.deepEqual([general().status, general().problem, general().messages.length], ['loaded', '', 3]);
});

test('a server whose history went backwards is started over', async () => {
  const { api, sync, general } = page({ general: posts(1, 30) });
  await sync.prepare();
  await sync.open('general');
  api.channels.general = posts(1, 2);
  assert.equal(await sync.prepare(), 2);
  assert.deepEqual([general().status, general().messages.length], ['new', 0]);
});

test('a reconnect to the same history keeps what is shown', async () => {
  const { sync, general } = page({ general: posts(1, 30) });
  await sync.prepare();
  await sync.open('general');
  assert.equal(await sync.prepare(), 30);
  assert.equal(general().messages.length, 30);
});
