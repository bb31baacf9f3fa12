import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  HttpStatus,
  Post,
  type ExecutionContext,
} from '@nestjs/common';
import { reasonBody } from '@qingfen/contracts';
import type { Caller } from '@qingfen/security';
import { callerOf } from './access.guard.js';
import { bodyOf, notFound } from './request.js';

/** What somebody does by hand: in which shop, and why. */
export interface ManualAct {
  readonly shopId: string;
  readonly caller: Caller;
  readonly reason: string;
}

/** A call that does something to what is there: POST, answered 200. */
export const PostAct = (path: string): MethodDecorator =>
  applyDecorators(Post(path), HttpCode(HttpStatus.OK));

/**
 * Of a call whose body only says why: who makes it, for the path's shop, and the reason. A body that
 * says anything else is refused with 422.
 */
export const ActIs = createParamDecorator((_: unknown, context: ExecutionContext): ManualAct => {
  const request = context.switchToHttp().getRequest<{
    readonly params: Readonly<Record<string, string | undefined>>;
    readonly body: unknown;
  }>();
  const { shopId } = request.params;
  if (shopId === undefined) throw notFound('This is the address of no shop.');
  const { reason } = bodyOf(reasonBody, request.body);
  return { shopId, caller: callerOf(context), reason };
});
