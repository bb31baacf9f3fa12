export { list, type Print, replay, type Replay, type Selection, show } from './commands.js';
export { wholeText } from './on-screen.js';
