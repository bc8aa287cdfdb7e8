#pragma once
// The texts of mails, as mustache templates. Each kind of mail has NAME.txt, which begins with a line `Subject: …` and
// an empty one, and NAME.html, which is put into layout.html. Built into the program; a directory of a deployer's
// replaces those that it has. Constant after construction, for any thread.
//
// Values: workspace; name (of the reader; none where it is not known); by (who invited or changed, none where it was no
// person); link; until (when the link ends); sso (set where people sign in through their identity provider), else, of a
// welcome, sign_in (where), slug (the workspace's) and email (the reader's); and of a request applicant, email and
// message. A section `{{#link}}…{{/link}}` is written where the value is there. Values are
// escaped in HTML by the library.

#include "domain/mail.h"

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace muster::mail {

// The sentence names file and line.
struct TemplateError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using Values = std::map<std::string, std::string>;  // none is empty

struct Rendered {
    std::string subject;
    std::string text;
    std::string html;
};

class Templates {
public:
    // Those that are built in.
    Templates();
    // Throws TemplateError for a file that is no template of ours, does not parse or names an unknown value.
    explicit Templates(const std::string& directory);

    [[nodiscard]] Rendered render(MailKind kind, const Values& values) const;
    [[nodiscard]] const std::map<std::string, std::string, std::less<>>& files() const { return files_; }

private:
    [[nodiscard]] const std::string& file(std::string_view kind, std::string_view ending) const;

    std::map<std::string, std::string, std::less<>> files_;
};

// By the name of the file.
std::map<std::string, std::string, std::less<>> built_in_templates();

}  // namespace muster::mail
