export { checkEvent } from './check-event.js';
export { checkFile, type FileCheck, type LineProblem, type TimeSpan } from './check-file.js';
export { UsageError } from './config.js';
export type { FileReading } from './file-message.js';
export {
  BadFileError,
  type Publication,
  publishFile,
  type PublishOptions,
} from './publish-file.js';
