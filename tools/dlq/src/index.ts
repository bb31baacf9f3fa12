export { list, type Print, replay, type Replay, type Selection, show } from './commands.js';
export { onScreen, wholeText } from './on-screen.js';
