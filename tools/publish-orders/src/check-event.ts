import { isTopic, parseEvent } from '@qingfen/contracts';
import { UsageError } from './config.js';
import { fileTopics } from './file-message.js';
import { textOf } from './file-text.js';

/**
 * Judges one event, the bare value of a message, as the services will: null for a well-formed one,
 * else `<code>: <reason>` as its dead letter would say.
 *
 * @throws UsageError for a topic that upstream does not write, or a file that cannot be read.
 */
export async function checkEvent(topic: string, file: string): Promise<string | null> {
  if (!isTopic(topic) || !fileTopics.includes(topic)) {
    throw new UsageError(`--event ${topic}: say one of ${fileTopics.join(', ')}`);
  }
  let text = '';
  for await (const piece of textOf(file)) text += piece;
  const parsed = parseEvent(topic, Buffer.from(text));
  return parsed.ok ? null : `${parsed.code}: ${parsed.reason}`;
}
