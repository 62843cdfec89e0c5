/** What the messages say. */
public record Order(int number, String what) {}
