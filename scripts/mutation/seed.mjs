// Properties draw the same cases for every mutant and in every run: a mutant that survives is the
// same one tomorrow. That a case fails is enough, nobody reads the smallest one.
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_260_105, endOnFailure: true });
