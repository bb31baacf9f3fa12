export { list, type Print, replay, type Replay, type Selection, show } from './commands.js';
export {
  type DeadLetter,
  type DeadLetterOrigin,
  onScreen,
  originalOf,
  type OriginalMessage,
  originOf,
  wholeText,
} from './dead-letter.js';
export { connect, type Place, readDeadLetters, type ReadOptions } from './dead-letter-topics.js';
