/** Owns the rule when a typed text is a command: it starts with the bot's mention. Pure. */

export const MENTION = '@Botkube';

const LEADING = /^\s*@botkube(?![\w-])\s*/i;

/**
 * The text as it is sent: with the mention once, if it is wanted or was typed.
 * @param {string} text
 * @param {boolean} wanted
 * @returns {string}
 */
export function addressed(text, wanted) {
  const trimmed = text.trim();
  return !wanted || LEADING.test(trimmed) ? trimmed : `${MENTION} ${trimmed}`;
}

/**
 * The command without the mention, or null when the text is not for the bot.
 * @param {string} text
 * @returns {string | null}
 */
export function commandOf(text) {
  return LEADING.test(text) ? text.replace(LEADING, '').trimEnd() : null;
}
