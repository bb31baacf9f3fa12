export { expectedByIdentity, movedByIdentity, referenceOf } from './book-check.js';
export { faultsWanted, journeySystem } from './config.js';
export { cappedPlan, cascadePlan, nextDayPlan } from './plans.js';
export { Stage } from './stage.js';
export { TestShop } from './test-shop.js';
