/**
 * Owns the small markup language of chat texts: text in, tokens out.
 * Pure: knows no DOM, so nothing here can inject anything.
 */

/**
 * @typedef {{kind: 'text'|'code'|'mention', text: string}
 *   | {kind: 'emoji', text: string, name: string}
 *   | {kind: 'bold'|'italic'|'strike', children: Token[]}
 *   | {kind: 'link', href: string, text: string}} Token
 */

/** @typedef {{kind: 'text'|'code', text: string}} Block */

/** Only names our own texts use; any other name stays as it was written. */
const EMOJI = new Map(Object.entries({
  crossed_swords: '⚔️', wave: '👋', cricket: '🦗', tada: '🎉', arrows_counterclockwise: '🔄',
  white_check_mark: '✅', heavy_check_mark: '✔️', exclamation: '❗', warning: '⚠️', x: '❌',
  information_source: 'ℹ️', rotating_light: '🚨', fire: '🔥', rocket: '🚀', bulb: '💡',
  large_green_circle: '🟢', large_yellow_circle: '🟡', red_circle: '🔴', hourglass: '⏳',
  bell: '🔔', no_bell: '🔕', mag: '🔍', eyes: '👀', question: '❓', no_entry: '⛔', new: '🆕',
  '+1': '👍', '-1': '👎', heartbeat: '💓', gear: '⚙️', package: '📦', link: '🔗',
}));

/** What every platform replaces by its mention; here it is shown, never acted upon. */
const BOT_NAME = /\{\{BotName\}\}/g;

// Every repetition is bounded: an unclosed delimiter costs a few hundred steps, not the rest of the text.
const TOKEN = new RegExp([
  '`(?<code>[^`\\n]{1,2000})`',
  '<(?<wrapped>(?:https?://|mailto:)[^\\s|<>]{1,2000})(?:\\|(?<label>[^<>\\n]{1,500}))?>',
  '\\[(?<title>[^\\[\\]\\n]{1,500})\\]\\((?<target>https?://[^\\s()]{1,2000})\\)',
  '(?<bare>https?://[^\\s<>"\'`]{1,2000}(?<![.,;:!?)\\]}*_]))', // a sentence's punctuation is not the address's
  '(?<![\\w@./-])(?<mention>@botkube)(?![\\w-])',
  ':(?<emoji>[a-z0-9_+-]{1,40}):',
  '(?<![\\w*])(?<star>\\*{1,2})(?=[^\\s*])(?<bold>[^\\n]{1,500}?)(?<=[^\\s*])\\k<star>(?![\\w*])',
  '(?<![\\w_])(?<line>_{1,2})(?=[^\\s_])(?<italic>[^\\n]{1,500}?)(?<=[^\\s_])\\k<line>(?![\\w_])',
  '(?<![\\w~])(?<tilde>~{1,2})(?=[^\\s~])(?<strike>[^\\n]{1,500}?)(?<=[^\\s~])\\k<tilde>(?![\\w~])',
].join('|'), 'giu');

/**
 * Reads one text as inline markup.
 * @param {string} text
 * @returns {Token[]}
 */
export function parseInline(text) {
  return scan(text.replace(BOT_NAME, '@Botkube'));
}

/**
 * Splits a text at its ``` fences; an unclosed fence is ordinary text.
 * @param {string} text
 * @returns {Block[]}
 */
export function splitBlocks(text) {
  /** @type {Block[]} */
  const blocks = [];
  let end = 0;
  for (const match of text.matchAll(/```(?:\w*\n)?([^]*?)```/g)) {
    addBlock(blocks, 'text', text.slice(end, match.index).trim());
    addBlock(blocks, 'code', match[1].trimEnd());
    end = match.index + match[0].length;
  }
  addBlock(blocks, 'text', text.slice(end).trim());
  return blocks;
}

/**
 * The address if a link may lead there, else null: `javascript:` and its kin never become a link.
 * @param {string} url
 * @param {string} [base] what a relative address is relative to
 * @returns {string | null}
 */
export function safeHref(url, base) {
  let parsed;
  try {
    parsed = new URL(url, base);
  } catch {
    return null;
  }
  return ['http:', 'https:', 'mailto:'].includes(parsed.protocol) ? parsed.href : null;
}

/** @param {string} text @returns {Token[]} */
function scan(text) {
  /** @type {Token[]} */
  const tokens = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const token = toToken(/** @type {Record<string, string|undefined>} */ (match.groups));
    if (token === null) continue;
    addText(tokens, text.slice(end, match.index));
    tokens.push(token);
    end = match.index + match[0].length;
  }
  addText(tokens, text.slice(end));
  return tokens;
}

/** @param {Record<string, string|undefined>} found @returns {Token | null} */
function toToken(found) {
  if (found.code !== undefined) return { kind: 'code', text: found.code };
  if (found.mention !== undefined) return { kind: 'mention', text: found.mention };
  if (found.bold !== undefined) return { kind: 'bold', children: scan(found.bold) };
  if (found.italic !== undefined) return { kind: 'italic', children: scan(found.italic) };
  if (found.strike !== undefined) return { kind: 'strike', children: scan(found.strike) };
  if (found.emoji !== undefined) return toEmoji(found.emoji);
  return toLink(found);
}

/** @param {string} name @returns {Token | null} */
function toEmoji(name) {
  const text = EMOJI.get(name.toLowerCase());
  return text === undefined ? null : { kind: 'emoji', text, name };
}

/** @param {Record<string, string|undefined>} found @returns {Token | null} */
function toLink({ wrapped, label, title, target, bare }) {
  const url = wrapped ?? target ?? bare ?? '';
  const href = safeHref(url);
  return href === null ? null : { kind: 'link', href, text: label ?? title ?? url };
}

/** @param {Token[]} tokens @param {string} text */
function addText(tokens, text) {
  if (text !== '') tokens.push({ kind: 'text', text });
}

/** @param {Block[]} blocks @param {'text'|'code'} kind @param {string} text */
function addBlock(blocks, kind, text) {
  if (text !== '') blocks.push({ kind, text });
}
