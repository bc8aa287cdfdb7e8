// The people of xlsx_test by exceljs.
const ExcelJS = require("exceljs");

const book = new ExcelJS.Workbook();
const sheet = book.addWorksheet("People");
const rows = {
  1: ["Email", "Full Name", "Permission Role", "Team", "Gender", "Job Title"],
  2: ["grace@navy.example", "Grace Hopper", "Member", "Sales", "f", 42],
  4: ["lin@spring.example", 'Lin, "the" Clark', "admin", "Sales;Support", null, true],
  5: ["zoë@spring.example", "Zoë Müller", null, null, null, { formula: "0.1+0.2", result: 0.1 + 0.2 }],
  7: ["max@spring.example", null, null, null, null,
      { richText: [{ text: "Engi" }, { font: { bold: true }, text: "neer" }] }],
};
for (const [line, cells] of Object.entries(rows))
  cells.forEach((value, column) => {
    if (value !== null) sheet.getRow(Number(line)).getCell(column + 1).value = value;
  });
book.addWorksheet("Notes").getCell("A1").value = "not these";
book.xlsx.writeFile(process.argv[2]);
