import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addressed, commandOf } from '../../botkube/web/static/mention.js';

test('the mention is put in front once', () => {
  assert.equal(addressed('echo hello', true), '@Botkube echo hello');
  assert.equal(addressed('  @Botkube echo hello ', true), '@Botkube echo hello');
  assert.equal(addressed('@botkube ping', true), '@botkube ping');
  assert.equal(addressed('@BotkubeX ping', true), '@Botkube @BotkubeX ping');
});

test('plain chat stays plain, but a typed mention counts', () => {
  assert.equal(addressed('good morning', false), 'good morning');
  assert.equal(addressed('@Botkube ping', false), '@Botkube ping');
});

test('a command is what follows a mention at the start', () => {
  assert.equal(commandOf('@Botkube  echo hello'), 'echo hello');
  assert.equal(commandOf('@Botkube'), '');
  assert.equal(commandOf('hey @Botkube ping'), null);
});
