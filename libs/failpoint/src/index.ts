export { failpoint, failpointVariable } from './failpoint.js';
export { Failpoints } from './failpoints.js';
export { failpointNames, type Failpoint } from './points.js';
