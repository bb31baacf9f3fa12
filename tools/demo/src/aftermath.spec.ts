import { describe, expect, it } from '@jest/globals';
import { inventNews } from './aftermath.js';
import { endMs } from './calendar.js';
import { messageOf } from './news.js';
import { inventOrders } from './orders.js';

describe('inventNews', () => {
  const news = inventNews(inventOrders(5), 5);

  it('tells nothing before it has happened, and nothing behind the end', () => {
    for (const {
      toldMs,
      news: { data },
    } of news) {
      const at =
        'completedAt' in data
          ? data.completedAt
          : 'refundedAt' in data
            ? data.refundedAt
            : 'at' in data
              ? data.at
              : 'openedAt' in data
                ? data.openedAt
                : data.resolvedAt;
      expect(Date.parse(at)).toBeLessThanOrEqual(toldMs);
      expect(toldMs).toBeLessThan(endMs);
    }
  });

  it('gives every message an id of its own, the same in every demo', () => {
    const ids = news.map((each) => messageOf(each.news).id);
    expect(new Set(ids).size).toBe(news.length);
    expect(inventNews(inventOrders(5), 5).map((each) => messageOf(each.news).id)).toEqual(ids);
  });

  it('has one refund that comes before its order', () => {
    const toldOf = new Map(
      news.map(({ toldMs, news: { topic, data } }) => [`${topic} ${data.orderId}`, toldMs]),
    );
    const early = news.filter(
      ({ toldMs, news: { topic, data } }) =>
        topic === 'order-refunded' && toldMs < (toldOf.get(`order-completed ${data.orderId}`) ?? 0),
    );
    expect(early).toHaveLength(1);
  });
});
