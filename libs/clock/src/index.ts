export { Clock, SystemClock } from './clock.js';
export { parseClockSetting, type ClockSetting } from './clock-setting.js';
export { ClockWouldGoBack, VirtualClock } from './virtual-clock.js';
