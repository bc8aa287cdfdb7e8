"""The people of xlsx_test by XlsxWriter, with formats, a formula and its last result."""
import sys

import xlsxwriter

book = xlsxwriter.Workbook(sys.argv[1])
sheet = book.add_worksheet("People")
bold = book.add_format({"bold": True})
sheet.write_row(0, 0, ["Email", "Full Name", "Permission Role", "Team", "Gender", "Job Title"], bold)
sheet.write_row(1, 0, ["grace@navy.example", "Grace Hopper", "Member", "Sales", "f", 42])
sheet.write_blank(2, 3, None, bold)
sheet.write_row(3, 0, ["lin@spring.example", 'Lin, "the" Clark', "admin", "Sales;Support"])
sheet.write_boolean(3, 5, True)
sheet.write_row(4, 0, ["zoë@spring.example", "Zoë Müller"])
sheet.write_formula(4, 5, "=0.1+0.2", None, 0.1 + 0.2)
sheet.write_string(6, 0, "max@spring.example")
sheet.write_rich_string(6, 5, "Engi", bold, "neer")
book.add_worksheet("Notes").write(0, 0, "not these")
book.close()
