// The lint stage of npm test by itself.
process.argv.push('lint');
await import('./test.mjs');
