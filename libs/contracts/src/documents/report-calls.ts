import { dailyReport } from '../http/daily-report.js';
import { fileTypes, type Call } from './calls.js';

/** Reports of a shop's days. */
export const reportCalls: readonly Call[] = [
  {
    method: 'get',
    path: '/shops/{shopId}/reports/daily/{day}',
    id: 'readDailyReport',
    tag: 'reports',
    summary: "What a day in the shop's time zone brought, and what is open now",
    answers: { 200: dailyReport },
  },
  {
    method: 'get',
    path: '/shops/{shopId}/reports/daily/{day}.csv',
    id: 'downloadDailyReportCsv',
    tag: 'reports',
    summary: 'The same as CSV, a line for each figure',
    answers: { 200: fileTypes.csv },
  },
  {
    method: 'get',
    path: '/shops/{shopId}/reports/daily/{day}.xlsx',
    id: 'downloadDailyReportXlsx',
    tag: 'reports',
    summary: 'The same as a workbook',
    answers: { 200: fileTypes.xlsx },
  },
];
