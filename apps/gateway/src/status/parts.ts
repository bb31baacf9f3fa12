import type { ServiceUrls } from '@qingfen/hosting';
import { serviceNames, type ServiceName } from '@qingfen/security';
import type { ServicePart } from './sweep.js';

/** Every replica of every service that there is. */
export function partsOf(services: ServiceUrls): (ServicePart & { readonly name: ServiceName })[] {
  return serviceNames.flatMap((name) => {
    const urls = services[name] ?? [];
    return urls.map((url, index) => {
      const replica = index + 1;
      return { name, replica, part: urls.length === 1 ? name : `${name}-${replica}`, url };
    });
  });
}
