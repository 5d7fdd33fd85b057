import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** A row: likes (less those that were removed), comments, shares. */
record Counts(long likes, long comments, long shares) {
    static final Serde<Counts> SERDE = Serdes.serdeFrom((topic, row) -> row == null ? null : row.bytes(), (topic, bytes) -> of(bytes));
    private static final Counts NONE = new Counts(0, 0, 0);

    /** The row after one more event; {@code before} is null if there was none. */
    static Counts after(Counts before, Event event) {
        Counts row = before == null ? NONE : before;
        return switch (event.kind()) {
            case "like" -> new Counts(row.likes + event.sign(), row.comments, row.shares);
            case "comment" -> new Counts(row.likes, row.comments + event.sign(), row.shares);
            default -> new Counts(row.likes, row.comments, row.shares + event.sign());
        };
    }

    byte[] json() {
        return ("{\"l\":" + likes + ",\"c\":" + comments + ",\"s\":" + shares + "}").getBytes(StandardCharsets.UTF_8);
    }

    private byte[] bytes() {
        return ByteBuffer.allocate(24).putLong(likes).putLong(comments).putLong(shares).array();
    }

    private static Counts of(byte[] bytes) {
        if (bytes == null) return null;
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Counts(buffer.getLong(), buffer.getLong(), buffer.getLong());
    }
}
