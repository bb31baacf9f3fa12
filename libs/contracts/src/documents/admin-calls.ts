import { clockBody, clockMoved, clockState, systemStatus } from '../http/system.js';
import { emergencyStop, emergencyStopBody } from '../http/controls.js';
import { pageOf } from '../http/paging.js';
import {
  deadLetter,
  deadLetterQuery,
  deadLetterReplay,
  deadLetterReplayBody,
} from '../http/dead-letters.js';
import { loginBody, refreshBody, tokens, user, userBody } from '../http/users.js';
import type { Call } from './calls.js';

/** Calls that belong to no shop: log-in, users, the system, its clock and its dead letters. */
export const adminCalls: readonly Call[] = [
  {
    method: 'post',
    path: '/auth/login',
    id: 'login',
    tag: 'users',
    summary: 'Log in; the access token goes into Authorization: Bearer',
    open: true,
    body: loginBody,
    answers: { 200: tokens },
  },
  {
    method: 'post',
    path: '/auth/refresh',
    id: 'refreshLogin',
    tag: 'users',
    summary: 'Exchange a refresh token for new tokens',
    open: true,
    body: refreshBody,
    answers: { 200: tokens },
  },
  {
    method: 'post',
    path: '/users',
    id: 'createUser',
    tag: 'users',
    summary: 'Make a user with roles on shops',
    body: userBody,
    answers: { 201: user },
  },
  {
    method: 'get',
    path: '/emergency-stop',
    id: 'readEmergencyStop',
    tag: 'controls',
    summary: 'Whether sending is stopped for all shops',
    answers: { 200: emergencyStop },
  },
  {
    method: 'put',
    path: '/emergency-stop',
    id: 'setEmergencyStop',
    tag: 'controls',
    summary: 'Stop or allow sending for all shops; answers when no further send can start',
    body: emergencyStopBody,
    answers: { 200: emergencyStop },
  },
  {
    method: 'get',
    path: '/dead-letters',
    id: 'listDeadLetters',
    tag: 'system',
    summary: 'Messages that could not be processed',
    query: deadLetterQuery,
    answers: { 200: pageOf(deadLetter) },
  },
  {
    method: 'post',
    path: '/dead-letters/replay',
    id: 'replayDeadLetters',
    tag: 'system',
    summary: 'Send dead letters back to their topic, unchanged',
    body: deadLetterReplayBody,
    answers: { 200: deadLetterReplay },
  },
  {
    method: 'get',
    path: '/system/status',
    id: 'readStatus',
    tag: 'system',
    summary: 'Whether anything is under way, and what holds it up',
    answers: { 200: systemStatus },
  },
  {
    method: 'get',
    path: '/system/clock',
    id: 'readClock',
    tag: 'system',
    summary: 'The business clock',
    answers: { 200: clockState },
  },
  {
    method: 'put',
    path: '/system/clock',
    id: 'moveClock',
    tag: 'system',
    summary: 'Move the virtual clock, stop by stop; 202 while the move goes on',
    body: clockBody,
    answers: { 200: clockMoved, 202: clockMoved },
  },
];
