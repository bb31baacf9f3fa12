/** One thing that was compared: how many figures, and each one that differs, in words. */
export interface Comparison {
  readonly what: string;
  readonly figures: number;
  readonly differences: readonly string[];
}

const differencesShown = 20;

/** What was compared, and what differs. */
export function verdict(comparisons: readonly Comparison[]): readonly string[] {
  return comparisons.flatMap(({ what, figures, differences }) => {
    const head =
      differences.length === 0
        ? `${what}: ${figures}, all as computed apart, to the fen`
        : `${what}: ${differences.length} of ${figures} figures differ`;
    const more = differences.length - differencesShown;
    return [
      head,
      ...differences.slice(0, differencesShown).map((difference) => `  ${difference}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ];
  });
}
