export { bindWindow, dueAt, rebindWindows, windowsDue } from './windows.js';
export type {
  BoundWindow,
  ReturnWindowClosed,
  ToldCompletion,
  WindowState,
  WindowVersion,
} from './windows.js';
