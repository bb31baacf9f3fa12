export { currentCorrelation, withCorrelation, type Correlation } from './correlation.js';
export { createLogger, maskText, type Logger, type LoggerOptions } from './logger.js';
export { Metrics } from './metrics.js';
export { WorkCounter } from './work-counter.js';
