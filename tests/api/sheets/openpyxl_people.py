"""The people of xlsx_test by openpyxl, which writes inline strings here, and no results of formulas."""
import sys

from openpyxl import Workbook

book = Workbook()
sheet = book.active
sheet.title = "People"
rows = {
    1: ["Email", "Full Name", "Permission Role", "Team", "Gender", "Job Title"],
    2: ["grace@navy.example", "Grace Hopper", "Member", "Sales", "f", 42],
    4: ["lin@spring.example", 'Lin, "the" Clark', "admin", "Sales;Support", None, True],
    5: ["zoë@spring.example", "Zoë Müller", None, None, None, 0.1 + 0.2],
    7: ["max@spring.example", None, None, None, None, "Engineer"],
}
for line, cells in rows.items():
    for column, value in enumerate(cells, 1):
        if value is not None:
            sheet.cell(line, column, value)
book.create_sheet("Notes")["A1"] = "not these"
book.save(sys.argv[1])
