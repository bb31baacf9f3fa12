export { failpointVariable } from './config.js';
export { failpoint } from './failpoint.js';
export { Failpoints } from './failpoints.js';
export { failpointNames, type Failpoint } from './points.js';
