/** The services of Qingfen that sign messages and tokens. */
export { serviceNames, type ServiceName } from '@qingfen/contracts';
