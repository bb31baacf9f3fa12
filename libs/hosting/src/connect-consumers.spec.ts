import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { connectConsumers } from './connect-consumers.js';

/** Consumers that hear nothing. */
class Deaf extends Server implements CustomTransportStrategy {
  isListening = false;

  listen(begun: () => void): void {
    this.isListening = true;
    begun();
  }

  close(): void {
    this.isListening = false;
  }

  on(): never {
    throw new Error('nothing is heard here');
  }

  unwrap(): never {
    throw new Error('nothing is inside');
  }
}

describe('an application with consumers', () => {
  it('R-ARC-1 begins and ends its workers once', async () => {
    const seen: string[] = [];
    class Worker {
      onModuleInit = (): unknown => seen.push('init');
      onApplicationBootstrap = (): unknown => seen.push('bootstrap');
      onModuleDestroy = (): unknown => seen.push('destroy');
      beforeApplicationShutdown = (): unknown => seen.push('before shutdown');
      onApplicationShutdown = (): unknown => seen.push('shutdown');
    }
    class Host {}
    Module({ providers: [Worker] })(Host);
    const app = await NestFactory.create(Host, { logger: false, abortOnError: false });
    const deaf = new Deaf();
    connectConsumers(app, deaf);
    await app.listen(0, '127.0.0.1');
    await app.startAllMicroservices();
    const begun = { isListening: deaf.isListening, seen: [...seen] };
    await app.close();
    expect(begun).toEqual({ isListening: true, seen: ['init', 'bootstrap'] });
    expect(deaf.isListening).toBe(false);
    expect(seen.slice(2)).toEqual(['destroy', 'before shutdown', 'shutdown']);
  });
});
