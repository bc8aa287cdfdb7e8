#include "api/mail/templates.h"

#include "api/mail/limits.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <kainjow/mustache.hpp>
#include <optional>
#include <sstream>

namespace muster::mail {
namespace {

namespace mustache = kainjow::mustache;

constexpr std::string_view subject_begins = "Subject: ";
constexpr std::string_view layout = "layout.html";
constexpr std::string_view content = "content";  // of the layout
constexpr std::array<std::string_view, 11> value_names{"workspace", "name",  "by",      "link",    "until", "sso",
                                                       "applicant", "email", "message", "sign_in", "slug"};

// A text template is its subject and the rest, which are rendered apart: no value ends the subject.
struct Parts {
    std::string subject;
    std::string body;
    std::size_t body_at = 0;
};
std::optional<Parts> parts_of(const std::string& text) {
    auto end = text.find('\n');
    if (!text.starts_with(subject_begins) || end == std::string::npos) return std::nullopt;
    auto subject = text.substr(subject_begins.size(), end - subject_begins.size());
    while (subject.ends_with('\r')) subject.pop_back();
    auto body = std::min(text.find_first_not_of("\r\n", end), text.size());
    return Parts{std::move(subject), text.substr(body), body};
}

std::string rendered(const std::string& text, const mustache::data& values, bool escape) {
    mustache::mustache parsed(text);
    if (!escape) parsed.set_custom_escape([](const std::string& value) { return value; });
    return parsed.render(values);
}

// ---- Checking.

// Has every value or none, and remembers what was asked for that no mail has.
class Checked final : public mustache::basic_context<std::string> {
public:
    Checked(bool present, bool is_layout) : present_(present), is_layout_(is_layout) {}
    void push(const mustache::data*) override {}
    void pop() override {}
    [[nodiscard]] const mustache::data* get(const std::string& name) const override {
        bool known = is_layout_ ? name == content : std::ranges::find(value_names, name) != value_names.end();
        if (!known && !unknown_) unknown_ = name;
        return present_ ? &value_ : nullptr;
    }
    [[nodiscard]] const mustache::data* get_partial(const std::string& name) const override {
        if (!unknown_) unknown_ = name;
        return nullptr;
    }
    [[nodiscard]] const std::optional<std::string>& unknown() const { return unknown_; }

private:
    bool present_;
    bool is_layout_;
    mustache::data value_{"value"};
    mutable std::optional<std::string> unknown_;
};

std::size_t line_at(std::string_view text, std::size_t position) {
    auto before = text.substr(0, std::min(position, text.size()));
    return 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
}

// `Unclosed tag at 17`, split.
struct Fault {
    std::string words;
    std::size_t position = 0;
};
Fault fault_of(const std::string& message) {
    Fault fault{message, 0};
    auto at = message.rfind(" at ");
    if (at == std::string::npos) return fault;
    auto digits = std::string_view(message).substr(at + 4);
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), fault.position);
    if (error == std::errc{}) fault.words.resize(at);
    return fault;
}

// Where a tag of that name begins.
std::size_t tag_position(std::string_view text, std::string_view name) {
    for (auto at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) {
        auto tag = text.substr(at, text.find("}}", at) - at);
        auto begin = tag.find_first_not_of("{#^/&> \t\r\n");
        if (begin == std::string_view::npos) continue;
        tag.remove_prefix(begin);
        while (tag.ends_with(' ') || tag.ends_with('\t')) tag.remove_suffix(1);
        if (tag == name) return at;
    }
    return 0;
}

std::optional<Fault> fault_in(const std::string& text, bool is_layout) {
    mustache::mustache parsed(text);
    if (!parsed.is_valid()) return fault_of(parsed.error_message());
    for (bool present : {true, false}) {
        Checked context(present, is_layout);
        std::ostringstream ignored;
        parsed.render(context, ignored);
        if (context.unknown())
            return Fault{"no mail has a value `" + *context.unknown() + "`", tag_position(text, *context.unknown())};
    }
    return std::nullopt;
}

// `name` is the file's, without its directory.
void check(const std::string& path, std::string_view name, const std::string& text) {
    auto fail = [&](std::size_t position, const std::string& words) {
        throw TemplateError(path + ":" + std::to_string(line_at(text, position)) + ": " + words);
    };
    if (!name.ends_with(".txt")) {
        if (auto fault = fault_in(text, name == layout)) fail(fault->position, fault->words);
        if (name == layout && !text.contains("{{{content}}}")) fail(0, "{{{content}}} is missing");
        return;
    }
    auto parts = parts_of(text);
    if (!parts) return fail(0, "it must begin with a line `Subject: …`");
    if (auto fault = fault_in(parts->subject, false)) fail(0, fault->words);
    if (auto fault = fault_in(parts->body, false)) fail(parts->body_at + fault->position, fault->words);
}

std::string read_file(const std::filesystem::path& path) {
    if (!std::filesystem::is_regular_file(path)) throw TemplateError(path.string() + ": this is no file");
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) throw TemplateError(path.string() + ": it can't be read");
    if (text.size() > limits::template_bytes)
        throw TemplateError(path.string() + ": it is larger than " + std::to_string(limits::template_bytes) + " bytes");
    return text;
}

}  // namespace

Templates::Templates() : files_(built_in_templates()) {}

Templates::Templates(const std::string& directory) : Templates() {
    std::error_code error;
    std::filesystem::directory_iterator entries(directory, error);
    if (error) throw TemplateError(directory + ": " + error.message());
    for (const auto& entry : entries) {
        auto name = entry.path().filename().string();
        if (name.starts_with('.')) continue;
        auto known = files_.find(name);
        if (known == files_.end()) {
            std::string names;
            for (const auto& [each, _] : files_) names += (names.empty() ? "" : ", ") + each;
            throw TemplateError(entry.path().string() + ": this is no mail template; those are " + names);
        }
        known->second = read_file(entry.path());
        check(entry.path().string(), name, known->second);
    }
}

const std::string& Templates::file(std::string_view kind, std::string_view ending) const {
    return files_.find(std::string(kind).append(ending))->second;
}

Rendered Templates::render(MailKind kind, const Values& values) const {
    mustache::data data;
    for (const auto& [name, value] : values) data.set(name, value);
    auto parts = parts_of(file(name_of(kind), ".txt")).value();
    mustache::data inside;
    inside.set(std::string(content), rendered(file(name_of(kind), ".html"), data, true));
    return {rendered(parts.subject, data, false), rendered(parts.body, data, false),
            rendered(files_.find(layout)->second, inside, true)};
}

}  // namespace muster::mail
