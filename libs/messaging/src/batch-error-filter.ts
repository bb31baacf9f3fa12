import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * Lets a batch handler's error through as it is. Nest's own filter logs it and puts "Internal
 * server error" in its place, from which nobody could tell trouble from a bug.
 */
@Catch()
export class BatchErrorFilter implements RpcExceptionFilter<unknown> {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
