import { inheritedVariables, localReady } from '@qingfen/local';
import { Gateway } from './gateway.js';

/** Which gateway, and as whom; what is not said is the local system's. */
export interface Door {
  readonly gateway: string | undefined;
  readonly user: string;
  readonly password: string | undefined;
}

/** Logs in. @throws NoSystem where nothing is said and there is none; UsageError as {@link Gateway.open} */
export function openGateway({ gateway, user, password }: Door): Promise<Gateway> {
  const given = password ?? inheritedVariables()['QINGFEN_ADMIN_PASSWORD'];
  if (gateway !== undefined && given !== undefined) {
    return Gateway.open({ url: gateway, user, password: given });
  }
  const ready = localReady('say which with --gateway and --password');
  const url = gateway ?? ready.gateway;
  return Gateway.open({ url, user, password: given ?? ready.admin.password });
}
