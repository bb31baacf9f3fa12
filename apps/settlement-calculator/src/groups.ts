/** The consumer groups of this service. Orders wait for plans, so the two never share a consumer. */
export const groups = {
  orders: 'qf-settlement-calculator-orders',
  rest: 'qf-settlement-calculator-rest',
} as const;
