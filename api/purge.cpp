#include "api/purge.h"

#include "api/mail/outbox.h"
#include "domain/event.h"

#include <algorithm>
#include <filesystem>
#include <future>

namespace muster {
namespace {

namespace fs = std::filesystem;

constexpr const char* follower = "purger";
constexpr std::size_t events_at_once = 1000;
constexpr std::chrono::milliseconds view_wait{10'000};

// Ids of events ascend with their positions.
std::optional<Frame> event_of(const Log& log, const EventId& id) {
    Position before = 0;
    for (Position behind = log.head() + 1; before + 1 < behind;) {
        auto middle = before + (behind - before) / 2;
        auto frame = log.frame(middle);
        if (!frame) return std::nullopt;
        if (frame->id == id) return frame;
        (frame->id.uuid < id.uuid ? before : behind) = middle;
    }
    return std::nullopt;
}

}  // namespace

std::string Purger::claim_of(const StreamId& stream, WorkspaceId workspace) {
    switch (stream.kind) {
        case StreamKind::membership:
        case StreamKind::recovery:
            return directory_.membership(workspace, MemberId{stream.id})->email_claim;
        case StreamKind::request:
            return directory_.request(workspace, RequestId{stream.id})->email_claim;
        case StreamKind::person: {
            auto events = history_.stream(stream);
            const auto* erased = events.empty() ? nullptr : std::get_if<PersonErased>(&events.front()->event);
            return erased ? erased->email_claim : std::string();
        }
        default:
            return {};
    }
}

// What happened last to a stream before the destruction of its person's data: that they were deleted.
Position Purger::end_of(const StreamId& stream, Position destroyed) const {
    auto positions = log_.positions(stream, 0);
    auto found = std::ranges::lower_bound(positions, destroyed);
    return found == positions.begin() ? destroyed : *std::prev(found);
}

Traces Purger::traces_since(Position position, Position end) {
    Traces traces;
    while (position < end) {
        for (const auto& frame : log_.frames(position, events_at_once)) {
            position = frame.meta.position;
            if (names_type<PersonalDataDestroyed>(frame.type)) {
                auto& until = traces.people[{frame.workspace, claim_of(frame.stream, frame.workspace)}];
                until = {end_of(frame.stream, position), frame.id.uuid};
                if (frame.stream.kind == StreamKind::membership) traces.members.insert(MemberId{frame.stream.id});
                views_due_ = std::max(views_due_.load(), position);
            }
            if (names_type<WorkspaceDeleted>(frame.type) || names_type<WorkspaceErased>(frame.type))
                traces.workspaces.insert(frame.workspace);
            // Also where it was not sent in the end: a crash may have come between the file and that.
            if ((names_type<MailSent>(frame.type) || names_type<MailFailed>(frame.type)) && !outbox_.empty())
                if (auto outcome = history_.at(position)) purge_late_mail(*outcome);
        }
    }
    return traces;
}

bool Purger::erased(WorkspaceId workspace, MemberId member) {
    return directory_.membership(workspace, member)->email.erased();
}

// A mail that was being written while somebody in it was erased.
void Purger::purge_late_mail(const Recorded& outcome) {
    const auto file = outbox_ + "/" + EventId{outcome.stream.id}.text() + ".eml";
    auto is_erased = [&](MemberId each) { return erased(outcome.workspace, each); };
    auto to_erased = [&](const auto& mail) {
        return mail.member ? is_erased(*mail.member)
                           : mail.request && directory_.request(outcome.workspace, *mail.request)->email.erased();
    };
    const auto* sent = std::get_if<MailSent>(&outcome.event);
    bool gone = sent ? to_erased(*sent) : to_erased(std::get<MailFailed>(outcome.event));
    if (gone || std::ranges::any_of(mail::people_in(file), is_erased)) fs::remove(file);
}

void Purger::purge_texts() {
    std::lock_guard lock(one_at_a_time_);
    auto end = log_.head();
    auto traces =
        traces_since(std::min<Position>(std::max<Position>(texts_done_, vault_.checkpoint(follower)), end), end);
    if (!traces.none()) {
        purge_imports(traces);
        if (!outbox_.empty()) purge_outbox(traces);
    }
    texts_done_ = end;
    if (views_due_ == 0) vault_.set_checkpoint(follower, end);
}

void Purger::purge_imports(const Traces& traces) {
    auto done = std::make_shared<std::promise<void>>();
    // First: who waits here holds a thread that others wait for.
    bool taken = imports_.post_first([this, traces, done] {
        try {
            imports_.forget_people(traces);
            done->set_value();
        } catch (...) {
            done->set_exception(std::current_exception());
        }
    });
    if (!taken) throw StorageError("the server stops; erased people are looked for in imports when it starts");
    done->get_future().get();
}

void Purger::purge_outbox(const Traces& traces) {
    if (!fs::exists(outbox_)) return;
    std::vector<fs::path> theirs;
    auto is_erased = [&](MemberId each) { return traces.members.contains(each); };
    for (const auto& file : fs::directory_iterator(outbox_)) {
        auto id = EventId::parse(file.path().stem().string());
        auto cause = id ? event_of(log_, *id) : std::nullopt;  // none: of a history that was given up
        if ((cause && traces.of(cause->workspace, claim_of(cause->stream, cause->workspace), cause->meta.position)) ||
            std::ranges::any_of(mail::people_in(file.path()), is_erased))
            theirs.push_back(file.path());
    }
    for (const auto& path : theirs) fs::remove(path);
}

Position Purger::done(Vault& vault) { return vault.checkpoint(follower); }

void Purger::purge_views() {
    std::lock_guard one(views_one_at_a_time_);
    Position due = 0;
    {
        std::lock_guard lock(one_at_a_time_);
        due = views_due_;
    }
    if (due == 0) return;
    if (!runner_.purge_personal(due, view_wait)) return;  // It stands before that still: a later call finds it.
    std::lock_guard lock(one_at_a_time_);
    if (views_due_ != due) return;
    views_due_ = 0;
    vault_.set_checkpoint(follower, texts_done_);
}

}  // namespace muster
