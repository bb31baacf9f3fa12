export { findBrokers, UsageError } from './config.js';
export {
  checkFile,
  type FileCheck,
  type LineProblem,
  type Publication,
  publishFile,
  type PublishOptions,
  type TimeSpan,
} from './publish-file.js';
