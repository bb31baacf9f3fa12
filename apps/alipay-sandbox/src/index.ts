export type { SandboxConfig } from './config.js';
export type { ClockSetting } from './clock.js';
export { parseClockSetting } from './clock.js';
export { startSandbox } from './server.js';
export type { Sandbox } from './server.js';
