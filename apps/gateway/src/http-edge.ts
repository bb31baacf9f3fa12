import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import { openApiDocument } from '@qingfen/contracts';
import type { ServiceEnv } from '@qingfen/hosting';
import { createLogger, currentCorrelation, type Logger } from '@qingfen/telemetry';
import express, { type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { readingProblem } from './calls/reading.js';
import { implementedCalls } from './calls/routes.js';

const jsonLimit = '1mb';
const formLimit = '64kb';
const keepAliveMs = 65_000;
/** Above the longest wait for a move of the clock, 300 s. */
const requestTimeoutMs = 330_000;

/** What every request passes before it reaches a controller. */
export function configureHttp(app: NestExpressApplication, env: ServiceEnv): void {
  const logger = createLogger({ service: 'gateway', level: env.logLevel });
  app.disable('x-powered-by');
  // Behind a proxy the address of a log-in is the one that the proxy tells.
  app.set('trust proxy', env.setting('GATEWAY_TRUST_PROXY', 'loopback'));
  app.use(security());
  app.use(told(logger));
  app.use('/api', express.json({ limit: jsonLimit, strict: false, type: ['json', '+json'] }));
  app.use('/alipay', express.urlencoded({ limit: formLimit, extended: false }));
  app.use(unreadable);
  const server = app.getHttpServer();
  server.keepAliveTimeout = keepAliveMs;
  server.headersTimeout = keepAliveMs + 1_000;
  server.requestTimeout = requestTimeoutMs;
  serveDocument(app);
}

type Handler = (request: Request, response: Response, next: NextFunction) => void;

/** What a body parser has against a body, in the API's words. */
function unreadable(error: unknown, _: Request, _response: Response, next: NextFunction): void {
  next(readingProblem(error) ?? error);
}

/** Browsers are told to keep the page to itself; the API's page needs its own inline styles. */
function security(): Handler {
  return helmet({
    contentSecurityPolicy: {
      directives: {
        'img-src': ["'self'", 'data:'],
        'script-src': ["'self'", "'unsafe-inline'"],
        'upgrade-insecure-requests': null,
      },
    },
    // Whether this is reached by TLS is the proxy's knowledge.
    strictTransportSecurity: false,
  });
}

/** Names the request in the answer, and says in one line what became of it. */
function told(logger: Logger): Handler {
  return (request, response, next) => {
    const { requestId } = currentCorrelation();
    if (requestId !== undefined) response.setHeader('X-Request-Id', requestId);
    response.setHeader('Cache-Control', 'no-store');
    const startedMs = performance.now();
    const { method, path } = request;
    response.once('close', () => {
      const tookMs = Math.round(performance.now() - startedMs);
      const fields = { requestId, method, path, status: response.statusCode, tookMs };
      if (!response.writableFinished) logger.warn(fields, 'the caller went away');
      else logger[path.startsWith('/internal/') ? 'trace' : 'info'](fields, 'answered');
    });
    next();
  };
}

/** `/api/docs` for people, `/api/docs-json` for programs: the calls that exist. */
function serveDocument(app: NestExpressApplication): void {
  const document = openApiDocument({ implemented: implementedCalls });
  SwaggerModule.setup('api/docs', app, () => JSON.parse(JSON.stringify(document)), {
    jsonDocumentUrl: 'api/docs-json',
    customSiteTitle: 'Qingfen API',
  });
}
