import {
  createParamDecorator,
  Injectable,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { Reflector } from '@nestjs/core';
import { problem } from '@qingfen/contracts';
import { mayAct, TokenVerifier, type Caller, type Role, type ServiceName } from '@qingfen/security';
import type { Request } from 'express';
import { ProblemError } from './problem.js';

const rolesKey = 'qingfen:permit-roles';
const servicesKey = 'qingfen:permit-services';

/** The caller needs one of these roles for the shop in the path (or on every shop). */
export const Permit = (...roles: Role[]): MethodDecorator & ClassDecorator =>
  SetMetadata(rolesKey, roles);

/** Only these services may call, with a token of their own. */
export const PermitService = (...services: ServiceName[]): MethodDecorator & ClassDecorator =>
  SetMetadata(servicesKey, services);

interface CalledRequest extends Request {
  caller?: Caller;
}

/** The caller that the guard has verified. */
export const CallerIs = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  return callerOf(context);
});

/** The caller of a request that the guard has let in. */
export function callerOf(context: ExecutionContext): Caller {
  const { caller } = context.switchToHttp().getRequest<CalledRequest>();
  if (caller === undefined) throw new Error('only a guarded route has a caller');
  return caller;
}

/** Refuses every internal call that carries no token, and every route that permits nobody. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<CalledRequest>();
    if (!isInternal(context)) return true;
    const caller = await this.callerOf(request);
    request.caller = caller;
    const targets = [context.getHandler(), context.getClass()];
    const roles = this.reflector.getAllAndOverride<Role[] | undefined>(rolesKey, targets);
    const services = this.reflector.getAllAndOverride<ServiceName[] | undefined>(
      servicesKey,
      targets,
    );
    if (services?.includes(caller.issuer) && caller.subject === caller.issuer) return true;
    const shopId = request.params['shopId'];
    if (
      roles !== undefined &&
      mayAct(caller, { roles, shopId: typeof shopId === 'string' ? shopId : null })
    ) {
      return true;
    }
    throw new ProblemError(
      problem('forbidden', 403, 'Not allowed', 'Your roles do not allow this call.'),
    );
  }

  private async callerOf(request: Request): Promise<Caller> {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    if (scheme === 'Bearer' && token !== undefined) {
      try {
        return await this.tokens.verify(token);
      } catch {
        // An unreadable token is the same to the caller as none: the answer below says so.
      }
    }
    throw new ProblemError(
      problem('unauthenticated', 401, 'Who are you?', 'A valid service token is needed.'),
    );
  }
}

/**
 * By the route that Nest has matched and not by the text of the request: Express matches paths without
 * regard to case, and whatever spelling reaches an internal handler must pass the guard.
 */
function isInternal(context: ExecutionContext): boolean {
  const [ofClass, ofHandler] = [context.getClass(), context.getHandler()].map((target) =>
    [Reflect.getMetadata(PATH_METADATA, target)].flat().map(String),
  );
  return (ofClass ?? ['']).some((first) =>
    (ofHandler ?? ['']).some((second) => /^\/*internal(\/|$)/i.test(`${first}/${second}`)),
  );
}
