import { describe, expect, it } from '@jest/globals';
import { readCommand } from './arguments.js';
import { UsageError } from './usage-error.js';

const read = (...args: string[]): ReturnType<typeof readCommand> => readCommand(args, {});

describe('the command line of explain', () => {
  it('R-EXP-1 names a thing and its id, and what to do without a shop is left open', () => {
    expect(read('payout', 'po_4')).toEqual({
      task: { what: 'thing', thing: 'payout', id: 'po_4' },
      shopId: undefined,
      json: false,
      lang: 'en',
      gateway: undefined,
      user: 'admin',
      password: undefined,
    });
    expect(read('order', 'o-1', '--shop', 's-1', '--json', '--user', 'vera')).toMatchObject({
      task: { what: 'thing', thing: 'order', id: 'o-1' },
      shopId: 's-1',
      json: true,
      user: 'vera',
    });
  });

  it('R-EXP-1 asks why a payee was not paid, and replays shops', () => {
    expect(read('payee', 'd-1', '--why', '--kind', 'commission').task).toEqual({
      what: 'why',
      payeeId: 'd-1',
      kind: 'commission',
    });
    expect(read('--replay', '--shop', 's-1').task).toEqual({ what: 'replay' });
  });

  it('speaks the language that is asked for, else the one of the terminal', () => {
    const langIn = (variables: Record<string, string>, ...more: string[]): string =>
      readCommand(['order', 'o-1', ...more], variables).lang;
    expect(langIn({ LANG: 'zh_CN.UTF-8' })).toBe('zh');
    expect(langIn({ LC_ALL: 'C', LANG: 'zh_CN.UTF-8' })).toBe('en');
    expect(langIn({ LANG: 'en_GB.UTF-8' }, '--lang', 'zh')).toBe('zh');
    expect(langIn({ LANG: 'zh_CN.UTF-8' }, '--lang', 'en')).toBe('en');
  });

  it.each([
    ['nothing', []],
    ['no id', ['payout']],
    ['something else', ['planet', 'p-1']],
    ['two ids', ['payout', 'po_1', 'po_2']],
    ['a payee without the question', ['payee', 'd-1']],
    ['the question about a payout', ['payout', 'po_1', '--why']],
    ['a kind of an order', ['order', 'o-1', '--kind', 'commission']],
    ['a replay of an order', ['order', 'o-1', '--replay']],
    ['another language', ['order', 'o-1', '--lang', 'de']],
    ['an unknown option', ['order', 'o-1', '--loud']],
  ])('refuses %s and says how it is used', (_, args) => {
    expect(() => read(...args)).toThrow(UsageError);
    expect(() => read(...args)).toThrow('npm run explain -- payout|statement|entry|order ID');
  });
});
